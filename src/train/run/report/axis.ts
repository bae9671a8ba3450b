/** Round numbers (1, 2 or 5 times a power of ten) from at least `low` to at most `high`, about `count` of them. */
export function ticks(low: number, high: number, count: number): number[] {
  if (!(high > low)) return [low];
  const rough = (high - low) / Math.max(count, 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  // Multiples, not sums: 0.1 + 0.2 would not be 0.3.
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/**
 * Round numbers for an axis of equal ratios, from at least `low` (above 0) to at most `high`: powers of ten, with 2 and 5
 * times them where those are few; those of even steps within less than a power.
 */
export function ratioTicks(low: number, high: number, count: number): number[] {
  const powers = Array.from(
    { length: Math.floor(Math.log10(high)) - Math.floor(Math.log10(low)) + 1 },
    (_, i) => Math.floor(Math.log10(low)) + i,
  );
  const within = (factors: readonly number[]) =>
    powers
      .flatMap((power) => factors.map((factor) => Number(`${factor}e${power}`)))
      .filter((value) => value >= low && value <= high);
  const tens = within([1]);
  if (tens.length > count) return tens.filter((_, i) => i % Math.ceil(tens.length / count) === 0);
  const fine = within([1, 2, 5]);
  if (fine.length < 3) return ticks(low, high, count);
  return fine.length > 2 * count ? tens : fine;
}

/** A short number: four digits, thousands as k and M, small ones with an exponent. */
export function formatNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(4))}M`;
  if (size >= 1e4) return `${Number((value / 1e3).toPrecision(4))}k`;
  return size > 0 && size < 1e-3 ? value.toExponential(1) : String(Number(value.toPrecision(4)));
}

/** Lowest and highest of some numbers, apart even where all are equal. */
export function extent(values: readonly number[]): readonly [number, number] {
  if (values.length === 0) return [0, 1];
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  if (high > low) return [low, high];
  const margin = Math.abs(low) / 10 || 1;
  return [low - margin, high + margin];
}
