/** Seconds after which silence is said, and said again. */
const SILENCE = 30;

/** Watches a transfer for silence. */
export interface SilenceWatch {
  /** Something has been heard. */
  heard(): void;
  end(): void;
}

/**
 * Says so whenever nothing has been heard for 30 s, across the attempts of one transfer.
 * @param subject what is waited for, e.g. `model.safetensors`.
 * @param end what becomes of it, e.g. `given up after 65 s`.
 */
export function watchSilence(
  subject: string,
  end: string,
  onNotice: (message: string) => void,
): SilenceWatch {
  let heard = performance.now();
  let said = 0;
  const timer = setInterval(() => {
    const silent = Math.floor((performance.now() - heard) / 1000);
    const due = Math.floor(silent / SILENCE);
    if (due > said) onNotice(`${subject}: nothing has arrived for ${silent} s (${end})`);
    said = due;
  }, 1000);
  timer.unref();
  return {
    heard() {
      heard = performance.now();
    },
    end: () => clearInterval(timer),
  };
}
