import { usageError } from './cli-error.ts'

/** How programs that bring their own ssh get in. */
export const otherProgramsHint =
  'git, scp, sftp and rsync bring their own ssh: gatehouse ssh config > ~/.ssh/gatehouse, ' +
  'put Include gatehouse at the top of ~/.ssh/config, and run them as ever'

/** Names the way for a program that does not go through `gatehouse`. */
export const refuseOtherProgram = (program: string): Promise<never> =>
  Promise.reject(usageError(`\`gatehouse ${program}\` is no command`, { hint: otherProgramsHint }))
