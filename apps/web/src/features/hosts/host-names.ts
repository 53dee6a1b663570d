import { createLoaded } from '../../loading.ts'

/** Names of hosts by id; the id itself where the name is not known. */
export function createHostNames(): (id: string) => string {
  const hosts = createLoaded('sshHost.list', () => ({ first: 200 }))
  return (id) => hosts.data()?.items.find((host) => host.id === id)?.name ?? id
}
