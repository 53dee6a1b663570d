import { CallRefused } from '../../api.ts'
import { LocalProblem } from '../../words.ts'

const titles: Partial<Record<CallRefused['code'], string>> = {
  conflict: 'The credential was not given out.',
  'lease-ended': 'This token has expired.',
}

/**
 * Why a token opens nothing. What Gatehouse says of one that was good once stands as it is: it names when it was
 * opened, and the lease to be revoked.
 */
export function unwrapProblem(error: unknown): unknown {
  if (!(error instanceof CallRefused)) return error
  if (error.code === 'not-found')
    return new LocalProblem(
      {
        title: 'This token opens nothing here.',
        next: 'Paste the whole token: it begins with gatehouse_wrap_. If you did, ask whoever gave it to you.',
      },
      { cause: error },
    )
  const title = titles[error.code]
  const { hint } = error.details
  if (title === undefined || hint === undefined) return error
  return new LocalProblem({ title, next: `${hint.charAt(0).toUpperCase()}${hint.slice(1)}.` }, { cause: error })
}
