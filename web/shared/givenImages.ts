/** The first picture among dragged or pasted things. */
const imageIn = (transfer: DataTransfer | null): File | undefined =>
  [...(transfer?.files ?? [])].find((file) => file.type.startsWith('image/'));

/** What happens with pictures that people give to the page. */
export interface ImageTaker {
  /** @param at what it was dropped on, or where the cursor was when it was pasted */
  take(image: File, at: Element): void;
  /** Something else was dropped. */
  refuse(message: string, at: Element): void;
  /** Whether something hovers over the page. */
  hover(isOver: boolean): void;
}

const elementOf = (target: EventTarget | null): Element =>
  target instanceof Element ? target : document.body;

/** Calls with pictures that are dropped anywhere on the page, or pasted, until the signal. */
export function listenForImages({ take, refuse, hover }: ImageTaker, signal: AbortSignal): void {
  let depth = 0;
  const move = (change: number) => {
    depth = Math.max(0, depth + change);
    hover(depth > 0);
  };
  const listening = { signal };
  document.addEventListener('dragenter', () => move(1), listening);
  document.addEventListener('dragleave', () => move(-1), listening);
  document.addEventListener('dragover', (event) => event.preventDefault(), listening);
  document.addEventListener(
    'drop',
    (event) => {
      event.preventDefault();
      move(-depth);
      const image = imageIn(event.dataTransfer);
      const at = elementOf(event.target);
      if (image) take(image, at);
      else refuse('That is not a picture file.', at);
    },
    listening,
  );
  document.addEventListener(
    'paste',
    (event) => {
      const image = imageIn(event.clipboardData);
      if (image) take(image, elementOf(event.target));
    },
    listening,
  );
}
