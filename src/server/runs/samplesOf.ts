import type { StageHistory } from '../../train/run/report/history.ts';
import type { Samples } from '../../train/run/samples/files.ts';

/** The pictures of a run with what its model said last of them: that of the latest stage that was asked. */
export function samplesOf(
  name: string,
  history: readonly Pick<StageHistory, 'name' | 'start'>[],
  { pictures, last }: Samples,
) {
  const asked = history.flatMap(({ name: stage, start }) =>
    last.filter((one) => one.stage === stage).map((one) => ({ step: start + one.step, texts: one.texts })),
  );
  const latest = asked.at(-1);
  return pictures.map(({ title }, place) => {
    const texts = latest?.texts[place];
    return {
      title,
      image: `/v1/runs/${encodeURIComponent(name)}/samples/${place}`,
      ...(latest && texts && { step: latest.step, texts }),
    };
  });
}
