import type { Raw, Wire } from '@gatehouse/contract'
import { givenList } from '../../ui/form.ts'

type Host = Wire<'sshHost.get'>

/** Only what was changed is sent: what is left as it was needs no permission of its own. */
export function updateOf(host: Host, values: Readonly<Record<string, string>>): Raw<'sshHost.update'> {
  const changed = (field: 'name' | 'address' | 'user'): string | undefined =>
    (values[field] ?? '').trim() === host[field] ? undefined : (values[field] ?? '').trim()
  const list = (field: 'principals' | 'sourceAddresses' | 'otpAddresses'): string[] | undefined =>
    (givenList(values[field]) ?? []).join(' ') === host[field].join(' ') ? undefined : (givenList(values[field]) ?? [])
  const access = values['access'] === 'managementKey' ? 'managementKey' : 'ca'
  // an empty path takes away the one before
  const path = (values['authorizedKeysPath'] ?? '').trim()
  return {
    id: host.id,
    name: changed('name'),
    address: changed('address'),
    port: Number(values['port']) === host.port ? undefined : Number(values['port']),
    user: changed('user'),
    access: access === host.access ? undefined : access,
    principals: list('principals'),
    sourceAddresses: list('sourceAddresses'),
    otpAddresses: list('otpAddresses'),
    authorizedKeysPath: path === (host.authorizedKeysPath ?? '') ? undefined : path,
  }
}
