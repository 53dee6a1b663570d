import { usageError } from './cli-error.ts'

/** How programs that bring their own ssh get in until `gatehouse ssh config` comes. */
export const otherProgramsHint =
  'git, scp, sftp and rsync bring their own ssh: sign your key for a while and run them as ever: ' +
  'gatehouse ssh-certificate sign HOST --public-key "$(cat ~/.ssh/id_ed25519.pub)" --ttl 15m ' +
  '--purpose PURPOSE --json | node -p \'JSON.parse(require("fs").readFileSync(0)).certificate\' ' +
  '> ~/.ssh/id_ed25519-cert.pub'

/** Names the way for a program that cannot go through `gatehouse` yet. */
export const refuseOtherProgram = (program: string): Promise<never> =>
  Promise.reject(usageError(`\`gatehouse ${program}\` is not there yet`, { hint: otherProgramsHint }))
