import { createContext, useContext } from 'solid-js'

/** Whether what is told is what was wanted. */
export type Tone = 'good' | 'warn'

export interface Notices {
  /** Shows a line for a while, and says it. */
  readonly tell: (text: string, tone?: Tone) => void
  /** Says a line to screen readers only. */
  readonly say: (text: string) => void
}

export const NoticesContext = createContext<Notices>()

/** Where to tell the person something. */
export function useNotices(): Notices {
  const notices = useContext(NoticesContext)
  if (notices === undefined) throw new TypeError('useNotices stands outside NoticesProvider')
  return notices
}
