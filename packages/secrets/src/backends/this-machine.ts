/** True of an address of this very machine, and of its one name that leads nowhere else. */
export const isThisMachine = (host: string): boolean =>
  host.startsWith('127.') || host === '::1' || host === 'localhost'
