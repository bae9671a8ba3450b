/** A PDF file of these objects; the first is its catalogue. */
function pdfFile(objects: readonly string[]): Buffer {
  let text = '%PDF-1.7\n';
  const places = objects.map((object, i) => {
    const at = text.length;
    text += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return at;
  });
  const table = places.map((at) => `${String(at).padStart(10, '0')} 00000 n \n`).join('');
  const size = objects.length + 1;
  const trailer = `trailer << /Size ${size} /Root 1 0 R >>\nstartxref\n${text.length}\n%%EOF\n`;
  return Buffer.from(`${text}xref\n0 ${size}\n0000000000 65535 f \n${table}${trailer}`, 'latin1');
}

const stream = (content: string, more = ''): string =>
  `<< /Length ${content.length} ${more}>>\nstream\n${content}\nendstream`;

/** A document of pages of 200 × 100 points. @param contents what each page draws; undefined is a page that is not there */
export function pdfPages(contents: readonly (string | undefined)[], resources = ''): Buffer {
  const places = contents.map((_, i) => 3 + 2 * i);
  return pdfFile([
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${places.map((place) => `${place} 0 R`).join(' ')}] /Count ${contents.length} >>`,
    ...contents.flatMap((content, i) => [
      content === undefined
        ? 'null'
        : `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Contents ${places[i]! + 1} 0 R ${resources}>>`,
      stream(content ?? ''),
    ]),
  ]);
}

/** A page that takes for ever: forms that draw the next one twenty times each, and the last a path of many lines. */
export function pdfOfForms(depth: number): Buffer {
  const lines = Array.from({ length: 2000 }, (_, i) => `${i % 199} ${(i * 7) % 99} l`).join(' ');
  return pdfFile([
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Contents 4 0 R /Resources << /XObject << /X 5 0 R >> >> >>',
    stream('/X Do'),
    ...Array.from({ length: depth }, (_, i) =>
      stream(
        i === depth - 1 ? `0 0 m ${lines} S` : '/X Do '.repeat(20),
        `/Type /XObject /Subtype /Form /BBox [0 0 200 100] /Resources << /XObject << /X ${6 + i} 0 R >> >> `,
      ),
    ),
  ]);
}
