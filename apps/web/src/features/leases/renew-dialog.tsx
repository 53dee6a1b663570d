import { parseUnits } from '@gatehouse/kit'
import type { JSX } from 'solid-js'
import { TextField } from '../../ui/field.tsx'
import { ActDialog } from '../answer/act-dialog.tsx'
import { kindWords } from './lease-words.ts'
import type { Lease } from './live-leases.ts'
import { renewedWords } from './renew-words.ts'
import { useLiveLeases } from './watching.tsx'

/** What is no length of time becomes 0, which the contract's own schema complains of. */
const secondsOf = (text: string | undefined): number => parseUnits((text ?? '').trim()) ?? 0

/** Has a lease live on, and says what was given of what was asked for. */
export function RenewDialog(props: { lease: Lease; onClose: () => void; onDone: (lease: Lease) => void }): JSX.Element {
  const live = useLiveLeases()
  let askedSeconds = 0
  return (
    <ActDialog
      name="lease.renew"
      title="Renew this credential?"
      verb="Renew"
      initial={{ ttlSeconds: '1 h' }}
      input={({ ttlSeconds }) => {
        askedSeconds = secondsOf(ttlSeconds)
        return { id: props.lease.id, ttlSeconds: askedSeconds }
      }}
      fields={(form) => (
        <TextField
          label="Works for"
          hint="From now, such as 30 min or 2 h. What goes beyond its maximum is cut off."
          autocomplete="off"
          value={form.values()['ttlSeconds'] ?? ''}
          problem={
            form.problem('ttlSeconds') !== undefined && secondsOf(form.values()['ttlSeconds']) === 0
              ? 'Enter a time such as 30 min or 2 h'
              : form.problem('ttlSeconds')
          }
          onText={form.set('ttlSeconds')}
        />
      )}
      done={(lease) => renewedWords(lease, askedSeconds, Date.now())}
      onDone={(lease) => {
        live.put(lease)
        props.onDone(lease)
      }}
      onClose={() => props.onClose()}
    >
      <p>
        The {kindWords(props.lease)} for {props.lease.role} keeps working. It is the same credential.
      </p>
    </ActDialog>
  )
}
