import { setFlagsFromString } from 'node:v8'

/**
 * How often a function runs before V8 compiles it better: by its middle compiler, by its best one, and after what it
 * was given has changed. By itself it waits for 400, 3,000 and 500: a gateway that is asked once a second runs what
 * each call runs by slow code for the better part of an hour after each start.
 */
export const runsBefore = {
  '--invocation-count-for-maglev': 100,
  '--invocation-count-for-turbofan': 500,
  '--minimum-invocations-after-ic-update': 100,
} as const satisfies Record<`--${string}`, number>

/**
 * Has V8 compile sooner what runs at every call. To be called once a process serves: what runs while it starts runs
 * never again, and compiling it well takes longer than it saves. The engine looks at these numbers whenever it decides
 * what to compile; nothing that is compiled already depends on them.
 */
export function compileSooner(): void {
  for (const [flag, runs] of Object.entries(runsBefore)) setFlagsFromString(`${flag}=${runs}`)
}
