import { threadModule, threadPool } from '../thread/threadPool.ts';

/** Threads that read parquet files. */
export const parquetThreads = threadPool(threadModule('worker', import.meta.url));
