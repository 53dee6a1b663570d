import { canonicalIp } from '@gatehouse/kit'

/** True of an address of this very machine, and of its one name that leads nowhere else. */
export const isThisMachine = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (host.startsWith('127.') && canonicalIp(host) !== null)
