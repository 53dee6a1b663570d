import { describe, expect, test } from 'vitest'
import { draftFiles, draftStates, pathOfChosen } from './draft.ts'

const base = [
  { path: 'admin/roles.cedar', text: 'a' },
  { path: 'development/ssh.cedar', text: 'b' },
  { path: 'production/ssh.cedar', text: 'c' },
]

describe('a draft of policies', () => {
  test('is the set in force with what was edited, added and taken out', () => {
    const edits = { 'admin/roles.cedar': 'x', 'admin/new.cedar': 'n', 'production/ssh.cedar': null }
    expect(draftFiles(base, edits)).toEqual([
      { path: 'admin/new.cedar', text: 'n' },
      { path: 'admin/roles.cedar', text: 'x' },
      { path: 'development/ssh.cedar', text: 'b' },
    ])
    expect(draftStates(base, edits).map(({ path, state }) => `${path} ${state}`)).toEqual([
      'admin/new.cedar added',
      'admin/roles.cedar changed',
      'development/ssh.cedar same',
      'production/ssh.cedar removed',
    ])
  })

  test('what was edited back, or added and taken out again, is no change', () => {
    const states = draftStates(base, { 'admin/roles.cedar': 'a', 'gone.cedar': null })
    expect(states).toHaveLength(base.length)
    expect(states.every(({ state }) => state === 'same')).toBe(true)
  })

  test('a chosen file goes where its folder or its name says, and nowhere on a guess', () => {
    const chosen = (name: string, folderPath = '') => pathOfChosen({ name, folderPath }, base)
    expect(chosen('roles.cedar')).toEqual({ path: 'admin/roles.cedar' })
    expect(chosen('ssh.cedar', 'policies/production/ssh.cedar')).toEqual({ path: 'production/ssh.cedar' })
    expect(chosen('ssh.cedar')).toMatchObject({
      problem: expect.stringContaining('development/ssh.cedar or production/ssh.cedar'),
    })
    expect(chosen('fresh.cedar')).toEqual({ path: 'fresh.cedar' })
    expect(chosen('policies.manifest', 'policies/policies.manifest')).toEqual({ path: 'policies.manifest' })
    expect(chosen('more.cedarschema')).toEqual({ path: 'schema/more.cedarschema' })
    expect(chosen('notes.txt')).toMatchObject({ problem: expect.stringContaining('notes.txt') })
  })
})
