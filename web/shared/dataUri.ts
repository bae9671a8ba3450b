/** A file as JSON carries it: `data:image/png;base64,…`. @throws Error where it cannot be read any more */
export const dataUri = (file: Blob): Promise<string> =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => resolve(String(reader.result)));
    reader.addEventListener('error', () => reject(new Error('This file cannot be read.')));
    reader.readAsDataURL(file);
  });
