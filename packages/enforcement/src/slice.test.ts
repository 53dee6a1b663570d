import { resourceTypes } from '@gatehouse/contract'
import { expect, test } from 'vitest'
import { uid, withWorkspaces, type LoadSlice, type Slice, type Slices } from './slice.ts'

const version = (table: string, id: string) => ({ table, id, version: '1' })
const workspaceOf = (id: string): Slice => ({
  resource: { type: 'Workspace', id },
  workspace: id,
  entities: [{ uid: uid('Workspace', id), attrs: { tier: 'production' }, parents: [] }],
  versions: [version('workspace', id)],
})
const hostIn = (workspace: string | null): Slice => ({
  resource: { type: 'SshHost', id: 'h' },
  workspace,
  entities: [{ uid: uid('SshHost', 'h'), attrs: {}, parents: workspace === null ? [] : [uid('Workspace', workspace)] }],
  versions: [version('ssh_host', 'h')],
})

const slicesWith = (parts: Partial<Slices<null>>): Slices<null> => {
  const nothing: LoadSlice<null> = () => Promise.resolve(null)
  const all = resourceTypes.map((type) => [type, parts[type] ?? nothing])
  return withWorkspaces(Object.fromEntries(all) as Slices<null>, (_db, id) =>
    // total by construction
    Promise.resolve(id === 'gone' ? null : workspaceOf(id)),
  )
}

test('a thing is decided together with the workspace that it stands in, and its own row stays the first', async () => {
  const slice = await slicesWith({ SshHost: () => Promise.resolve(hostIn('w')) }).SshHost(null, 'h')
  expect(slice?.entities.map((entity) => entity.uid)).toEqual([uid('SshHost', 'h'), uid('Workspace', 'w')])
  expect(slice?.versions).toEqual([version('ssh_host', 'h'), version('workspace', 'w')])
})

test('a workspace is not brought twice, and for what stands in none, or in one that is gone, nothing is', async () => {
  const slices = slicesWith({ Workspace: (_db, id) => Promise.resolve(workspaceOf(id)) })
  expect(await slices.Workspace(null, 'w')).toEqual(workspaceOf('w'))
  for (const workspace of [null, 'gone']) {
    const { SshHost } = slicesWith({ SshHost: () => Promise.resolve(hostIn(workspace)) })
    expect(await SshHost(null, 'h')).toEqual(hostIn(workspace))
  }
  expect(await slices.SshHost(null, 'h')).toBeNull()
})
