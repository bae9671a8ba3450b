import { homedir, userInfo } from 'node:os';

/** The environment of a process, as far as it is read. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The user's own folder: `HOME`, or what the system's user table says. */
export const homeOf = (env: Environment): string => env['HOME'] ?? env['USERPROFILE'] ?? homedir();

/** Another user's folder; only one's own can be known without the system's user table. */
const homeOfUser = (name: string, env: Environment): string | undefined =>
  userInfo().username === name ? homeOf(env) : undefined;

/** `~` and `~name` at the start, as Python's `os.path.expanduser`: what cannot be found stays as it is. */
export function expandUser(path: string, env: Environment): string {
  const [, name, rest] = /^~([^/\\]*)(.*)$/s.exec(path) ?? [];
  if (name === undefined || rest === undefined) return path;
  const home = name === '' ? homeOf(env) : homeOfUser(name, env);
  return home === undefined ? path : `${home.replace(/\/+$/, '')}${rest}` || '/';
}

/** `$NAME` and `${NAME}`, as Python's `os.path.expandvars`: unknown names stay as they are. */
const expandVariables = (path: string, env: Environment): string =>
  path.replace(/\$(?:(\w+)|\{([^}]*)\})/g, (whole, plain?: string, braced?: string) => {
    return env[plain ?? braced ?? ''] ?? whole;
  });

/** A folder as it stands in a variable. */
export const expandPath = (path: string, env: Environment): string =>
  expandVariables(expandUser(path, env), env);
