import type { Key, Usage } from './key-words.ts'

/** What a dialog about a key is given. */
export interface KeyDialogProps {
  readonly key: Key
  readonly usage: Usage
  readonly onDone: (key: Key) => void
  readonly onClose: () => void
}
