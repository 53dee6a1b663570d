import { accountCommands } from './account-commands.ts'
import { alertCommands } from './alert-commands.ts'
import { auditCommands } from './audit-commands.ts'
import type { Command } from './command.ts'
import { configCommands } from './config-commands.ts'
import { emergencyCommands } from './emergency-commands.ts'
import { keyCommands } from './key-commands.ts'
import { localCommands } from './local-commands.ts'
import { peopleCommands } from './people-commands.ts'
import { policyCommands } from './policy-commands.ts'
import { secretCommands } from './secret-commands.ts'
import { serverCommands } from './server-commands.ts'
import { sshCommands } from './ssh-commands.ts'

/** Commands that are more than one call, or none. */
export const handWrittenCommands: readonly Command[] = [
  ...accountCommands,
  ...policyCommands,
  ...peopleCommands,
  ...sshCommands,
  ...secretCommands,
  ...auditCommands,
  ...alertCommands,
  ...emergencyCommands,
  ...serverCommands,
  ...keyCommands,
  ...configCommands,
  ...localCommands,
]
