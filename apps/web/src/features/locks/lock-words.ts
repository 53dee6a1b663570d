import type { Raw, Wire } from '@gatehouse/contract'

export type Lock = Wire<'lock.create'>
export type LockKind = Lock['kind']

/** What can be locked, as people call it, in the order in which it is offered. */
export const kindWords: Readonly<Record<LockKind, string>> = {
  principal: 'Account',
  role: 'Role',
  host: 'Host',
  key: 'SSH key',
  approval: 'Approval',
}

export const lockKinds: readonly LockKind[] = ['principal', 'role', 'host', 'key', 'approval']

/** How what is locked is asked for: the field's name, an example of it, and what the lock will do. */
export const lockFields: Readonly<
  Record<LockKind, { readonly label: string; readonly hint: string; readonly effect: string }>
> = {
  principal: {
    label: 'User name or service account',
    hint: 'For example ada or ci-deploy. An ID works as well.',
    effect: 'Everything they call is refused now, on every node: sessions, API tokens and log-ins.',
  },
  role: {
    label: 'Role',
    hint: 'A role of people such as Developer, a secret role such as shop-read, or an account such as deploy@db-1.',
    effect: 'Nobody with a role of people can do anything. Of a secret role or an account no credential is issued.',
  },
  host: {
    label: 'Host',
    hint: 'Its name, for example db-1.',
    effect: 'No certificate, key or one-time password is issued for it, and its own certificate is not renewed.',
  },
  key: {
    label: 'Fingerprint of the public key',
    hint: 'As ssh-keygen -l prints it: SHA256:…',
    effect: 'No certificate is signed for it, whoever asks.',
  },
  approval: {
    label: 'ID of the approval',
    hint: 'Of an approval, a request for emergency access, or its session.',
    effect: 'It can be neither given nor used, and nothing is done in its emergency session.',
  },
}

/** How long a lock can be asked to hold; an empty text: until it is removed. */
export const durations = [
  ['', 'until it is removed'],
  ['3600', '1 hour'],
  ['14400', '4 hours'],
  ['86400', '1 day'],
  ['604800', '7 days'],
] as const

/** How a lock stands, by its row. */
export function lockState({ holds, removedAt }: Pick<Lock, 'holds' | 'removedAt'>): 'locked' | 'removed' | 'expired' {
  if (holds) return 'locked'
  return removedAt === null ? 'expired' : 'removed'
}

/** The input of a lock, by the texts of its form: of the fields that name what is locked, the one of its kind. */
export function lockInput(values: Readonly<Record<string, string>>): Raw<'lock.create'> {
  const kind = lockKinds.find((one) => one === values['kind']) ?? 'principal'
  const duration = values['duration'] ?? ''
  return {
    [kind]: (values[kind] ?? '').trim(),
    reason: values['reason'] ?? '',
    ...(duration === '' ? {} : { ttlSeconds: Number(duration) }),
  }
}
