import { turnOffTelemetry } from '../noTelemetry.ts';
import { ffi } from './ffi.ts';
import { keepLoaded } from './keepLoaded.ts';
import { libraryPath } from './library.ts';

/** An address in native memory. */
export type Pointer = bigint;
type Argument = Pointer | number | string | ArrayBufferView | null;

/** Version of the function table that is asked for: every runtime from 1.17 on can give it. */
const API_VERSION = 17;
/** Koffi runs the native code on stacks of its own; its default of 128 KiB is too small for graph optimisers. */
const STACK_BYTES = 8 << 20;

const PATH = process.platform === 'win32' ? 'str16' : 'str';
const P = 'void *';

/**
 * Position in `struct OrtApi` and parameter types of the functions that we use. The struct is append-only
 * (onnxruntime_c_api.h: functions are never removed or moved), so a position holds for all later runtimes.
 */
const STATUS_FUNCTIONS = {
  CreateEnv: [3, ['int', 'str', P]],
  CreateSession: [7, [P, PATH, P, P]],
  CreateSessionFromArray: [8, [P, P, 'size_t', P, P]],
  Run: [9, [P, P, P, P, 'size_t', P, 'size_t', P]],
  CreateSessionOptions: [10, [P]],
  SetSessionExecutionMode: [13, [P, 'int']],
  EnableProfiling: [14, [P, PATH]],
  DisableMemPattern: [17, [P]],
  SetIntraOpNumThreads: [24, [P, 'int']],
  SetInterOpNumThreads: [25, [P, 'int']],
  SessionGetInputCount: [30, [P, P]],
  SessionGetOutputCount: [31, [P, P]],
  SessionGetInputTypeInfo: [33, [P, 'size_t', P]],
  SessionGetOutputTypeInfo: [34, [P, 'size_t', P]],
  SessionGetInputName: [36, [P, 'size_t', P, P]],
  SessionGetOutputName: [37, [P, 'size_t', P, P]],
  CreateTensorWithDataAsOrtValue: [49, [P, P, 'size_t', P, 'size_t', 'int', P]],
  GetTensorMutableData: [51, [P, P]],
  CastTypeInfoToTensorInfo: [55, [P, P]],
  GetTensorElementType: [60, [P, P]],
  GetDimensionsCount: [61, [P, P]],
  GetDimensions: [62, [P, P, 'size_t']],
  GetSymbolicDimensions: [63, [P, P, 'size_t']],
  GetTensorTypeAndShape: [65, [P, P]],
  CreateCpuMemoryInfo: [69, ['int', 'int', P]],
  AllocatorFree: [76, [P, P]],
  GetAllocatorWithDefaultOptions: [78, [P]],
  SessionEndProfiling: [110, [P, P, P]],
  GetAvailableProviders: [125, [P, P]],
  ReleaseAvailableProviders: [126, [P, 'int']],
  AddSessionConfigEntry: [130, [P, 'str', 'str']],
  SessionOptionsAppendExecutionProvider_CUDA_V2: [204, [P, P]],
  CreateCUDAProviderOptions: [205, [P]],
  UpdateCUDAProviderOptions: [206, [P, P, P, 'size_t']],
  AddExternalInitializers: [210, [P, P, P, 'size_t']],
  SessionOptionsAppendExecutionProvider: [216, [P, 'str', P, P, 'size_t']],
} as const;

const RELEASE_FUNCTIONS = {
  ReleaseStatus: 93,
  ReleaseSession: 95,
  ReleaseValue: 96,
  ReleaseTypeInfo: 98,
  ReleaseTensorTypeAndShapeInfo: 99,
  ReleaseSessionOptions: 100,
  ReleaseCUDAProviderOptions: 208,
} as const;

const GET_ERROR_MESSAGE = 2;
const TABLE_LENGTH = 217;

export type StatusFunction = keyof typeof STATUS_FUNCTIONS;
export type ReleaseFunction = keyof typeof RELEASE_FUNCTIONS;

/** ONNX Runtime's C interface with its status results turned into exceptions. */
export interface NativeApi {
  /** Calls on this thread. @throws Error with the runtime's message. */
  call(name: StatusFunction, ...args: readonly Argument[]): void;
  /** As `call`, for functions whose last parameter is an out pointer: returns what was written there. */
  out(name: StatusFunction, ...args: readonly Argument[]): Pointer;
  /**
   * Calls on a worker thread. `keep` (and what it refers to) can't be collected before native code returns;
   * every buffer that is passed by address has to be reachable from it.
   */
  callAsync(name: StatusFunction, keep: object, ...args: readonly Argument[]): Promise<void>;
  release(name: ReleaseFunction, pointer: Pointer): void;
  /** The runtime's version, for example `1.30.0`. */
  readonly version: string;
}

interface StatusCall {
  (...args: readonly Argument[]): Pointer | null;
  async(...args: readonly (Argument | ((error: Error | null, status: Pointer | null) => void))[]): void;
}

/** What native code on other threads is working with now: a root for the garbage collector. */
const inFlight = new Set<object>();

let loaded: NativeApi | undefined;

/**
 * Loads the runtime's library once per process.
 * @throws Error when koffi or the library is missing for this platform, or the library is too old.
 */
export function nativeApi(): NativeApi {
  loaded ??= load();
  return loaded;
}

function load(): NativeApi {
  growStacks();
  turnOffTelemetry();
  const path = libraryPath();
  const library = ffi().load(path);
  keepLoaded(path);
  const base: Pointer = library.func('void *OrtGetApiBase()')();
  const [getApi, getVersion]: [Pointer, Pointer] = ffi().decode(base, P, 2);
  const version: string = ffi().decode(getVersion, ffi().proto('str', []))();
  const table: Pointer | null = ffi().decode(getApi, ffi().proto(P, ['uint32_t']))(API_VERSION);
  if (!table) throw new Error(`ONNX Runtime ${version} is too old: 1.${API_VERSION} or later is needed.`);
  const functions: Pointer[] = ffi().decode(table, P, TABLE_LENGTH);
  return bindFunctions(functions, version);
}

function growStacks(): void {
  if (Number(ffi().config().async_stack_size) >= STACK_BYTES) return;
  try {
    ffi().config({ sync_stack_size: STACK_BYTES, async_stack_size: STACK_BYTES });
  } catch (cause) {
    const remedy = `call koffi.config({ async_stack_size: ${STACK_BYTES} }) before the first library is loaded`;
    throw new Error(`Another module has used koffi with stacks that are too small for us; ${remedy}.`, {
      cause,
    });
  }
}

function bindFunctions(functions: readonly Pointer[], version: string): NativeApi {
  const bind = (index: number, result: string, parameters: readonly string[]) =>
    ffi().decode(functions[index], ffi().proto(result, [...parameters]));
  const errorMessage: (status: Pointer) => string = bind(GET_ERROR_MESSAGE, 'str', [P]);
  const calls = new Map<StatusFunction, StatusCall>();
  const statusCall = (name: StatusFunction): StatusCall => {
    let found = calls.get(name);
    if (!found) {
      const bound: StatusCall = bind(STATUS_FUNCTIONS[name][0], P, STATUS_FUNCTIONS[name][1]);
      found = bound;
      calls.set(name, found);
    }
    return found;
  };
  const releases = new Map<ReleaseFunction, (pointer: Pointer) => void>();
  const release = (name: ReleaseFunction, pointer: Pointer): void => {
    let found = releases.get(name);
    if (!found) {
      const bound: (pointer: Pointer) => void = bind(RELEASE_FUNCTIONS[name], 'void', [P]);
      found = bound;
      releases.set(name, found);
    }
    found(pointer);
  };
  const toError = (status: Pointer): Error => {
    const message = errorMessage(status);
    release('ReleaseStatus', status);
    return new Error(message);
  };
  const call = (name: StatusFunction, ...args: readonly Argument[]): void => {
    const status = statusCall(name)(...args);
    if (status) throw toError(status);
  };
  return {
    version,
    call,
    release,
    out(name, ...args) {
      const cell = new BigUint64Array(1);
      call(name, ...args, cell);
      return cell[0] ?? 0n;
    },
    callAsync(name, keep, ...args) {
      // A fresh object, so that two calls which keep the same thing don't share one entry.
      const root = { keep };
      return new Promise((resolve, reject) => {
        inFlight.add(root);
        try {
          statusCall(name).async(...args, (error, status) => {
            inFlight.delete(root);
            if (error) reject(error);
            else if (status) reject(toError(status));
            else resolve();
          });
        } catch (error) {
          inFlight.delete(root);
          throw error;
        }
      });
    },
  };
}
