import type { Named } from '../results.ts';

/** A column of a table. A vector is one column where a format has lists, else as many as it is wide. */
export type Column =
  | { readonly name: string; readonly type: 'string' | 'number' | 'boolean' }
  | { readonly name: string; readonly type: 'vector'; readonly width: number };

/** A value of a table; undefined where there is none. */
export type Cell = string | number | boolean | Float32Array | undefined;

/** How the results of a command look in files. */
export interface OutputForm<Value> {
  /** Where each result is a row of numbers: for formats that hold one array. */
  readonly matrix?: {
    /** Name of the array. */
    readonly name: string;
    readonly width: number;
    /** What the columns stand for, where they have names. */
    readonly columns?: readonly string[];
    row(value: Value): Float32Array;
  };
  readonly columns: readonly Column[];
  /** Rows of the table for one result, a cell a column. */
  rows(input: Named, value: Value): readonly (readonly Cell[])[];
  /** What is printed of one result as JSON, a value a line. */
  lines(input: Named, value: Value): readonly unknown[];
}

/** All results, in the order of the inputs, as often as they are asked for. */
export type Results<Value> = () => AsyncIterable<Named & { readonly value: Value }>;
