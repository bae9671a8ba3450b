import { isAbsolute } from 'node:path';
import type { Job, Jobs } from '../jobs/job.ts';
import { titleOfModel } from '../modelInfo.ts';
import { badRequest, RequestError } from '../requests/errors.ts';
import { type CatalogueEntry, catalogue } from './catalogue.ts';
import type { ModelRequest, ModelSwitch } from './modelSwitch.ts';

/** Which models there are to serve, and another one in place of that which is served. */
export interface Models {
  catalogue(): Promise<CatalogueEntry[]>;
  /** @throws HTTPException 409 where it is served already */
  change(request: ModelRequest): Job;
}

export interface ModelsOptions {
  readonly jobs: Jobs;
  readonly models: () => ModelSwitch;
  /** The model that the server was started with. */
  readonly first: string;
  readonly cacheDir?: string | undefined;
}

export function createModels({ jobs, models, first, cacheDir }: ModelsOptions): Models {
  return {
    catalogue: () => catalogue({ served: models().current().name, first, cacheDir }),
    change(request) {
      const { name, maxNumPatches } = request;
      if (name.startsWith('~')) throw badRequest(`model: give the whole path of ${name}`, 'model');
      const { current } = models();
      if (
        current().name === name &&
        (maxNumPatches ?? current().encoder.maxNumPatches) === current().encoder.maxNumPatches
      )
        throw new RequestError(409, `${name} is served already`);
      const title = titleOfModel(name);
      const folder = isAbsolute(name) ? name : undefined;
      return jobs.start({ kind: 'model', title, folder, unit: 'bytes' }, async (report, signal) => {
        await models().change(request, {
          signal,
          onStage: (stage) => report({ stage }),
          onProgress: (done, total) => report({ done, total }),
        });
        report({ summary: `${models().current().info.name} is served` });
      });
    },
  };
}
