import { h, icon } from '../shared/element.ts';

const UPLOAD = 'M12 16V5m0 0 4 4m-4-4L8 9M5 15v3a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2v-3';
const CAMERA = 'M4 8h3l1.5-2.5h7L17 8h3v11H4zM8.5 13a3.5 3.5 0 1 0 7 0 3.5 3.5 0 1 0-7 0';

/** A field for a picture: dropped, pasted, chosen, or taken with a phone's camera. */
export interface PictureField {
  readonly element: HTMLElement;
  /** Takes a photograph; only seen where there is likely to be a camera. */
  readonly camera: HTMLElement;
  show(address: string, name: string): void;
}

/** A field that gives one file at a time, also the same one again. */
function fileInput(id: string, take: (file: File) => void, capture?: string): HTMLInputElement {
  const input = h('input', { id, class: 'visually-hidden', type: 'file', accept: 'image/*', capture });
  input.addEventListener('change', () => {
    const [chosen] = input.files ?? [];
    if (chosen) take(chosen);
    input.value = '';
  });
  return input;
}

export function pictureField(take: (file: File) => void): PictureField {
  const preview = h('img', { id: 'preview', alt: '', hidden: true });
  const hint = h('span', {}, h('strong', {}, 'Drop a picture'), ', paste one, or choose a file');
  const element = h(
    'label',
    { id: 'drop', class: 'drop' },
    fileInput('file', take),
    preview,
    h('span', { id: 'drop-hint', class: 'drop-hint' }, icon(UPLOAD, 28), hint),
  );
  const camera = h(
    'label',
    { class: 'button camera' },
    fileInput('camera', take, 'environment'),
    icon(CAMERA),
    'Take a photo',
  );
  return {
    element,
    camera,
    show(address, name) {
      preview.src = address;
      preview.alt = name;
      preview.hidden = false;
      element.classList.add('filled');
    },
  };
}
