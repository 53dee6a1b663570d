import { Refusal, type RefusalCode } from '@gatehouse/contract'
import { HostAccessError, type HostAccessProblem } from './host-access/index.ts'
import { ManagedBlockError } from './wire/index.ts'

const codes = {
  unreachable: 'host-unreachable',
  'host-key-mismatch': 'host-key-mismatch',
  'permission-denied': 'host-access-refused',
  unreadable: 'host-file-unreadable',
  unwritable: 'host-access-refused',
  changed: 'conflict',
  unsupported: 'host-access-refused',
  'invalid-target': 'host-access-refused',
} as const satisfies Record<HostAccessProblem, RefusalCode>

const codeOf = (error: unknown): RefusalCode | null => {
  if (error instanceof HostAccessError) return codes[error.problem]
  return error instanceof ManagedBlockError ? 'host-file-unreadable' : null
}

/** What a caller is told of a failed contact; everything that is not the host's doing stays what it is. */
export function hostRefusal(error: unknown, also?: string): unknown {
  const known = codeOf(error)
  if (known === null) return error
  const { message } = error as Error // both classes above are errors
  return new Refusal(known, { hint: also === undefined ? message : `${message}; ${also}` }, { cause: error })
}

/** True when the host let us in: what failed then was its file. */
export const gotIn = (error: unknown): boolean =>
  error instanceof ManagedBlockError ||
  (error instanceof HostAccessError &&
    (error.problem === 'unreadable' || error.problem === 'unwritable' || error.problem === 'changed'))
