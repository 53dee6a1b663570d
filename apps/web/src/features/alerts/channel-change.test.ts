import { expect, test } from 'vitest'
import { channelChange } from './channel-change.ts'

test('an edit of a channel sends what was changed, and its secrets only where they were typed', () => {
  const channel = { id: 'c', name: 'on call', severity: 'low', kind: 'webhook' } as const
  const typed = { name: 'on call', severity: 'high', 'webhook.url': ' https://a.example ', 'webhook.secret': '' }
  expect(channelChange(channel, { ...typed, because: '' })).toEqual({
    id: 'c',
    severity: 'high',
    webhook: { url: 'https://a.example' },
  })
  expect(channelChange(channel, { name: 'night', severity: 'low', because: 'why' })).toEqual({
    id: 'c',
    name: 'night',
    reason: 'why',
  })
})
