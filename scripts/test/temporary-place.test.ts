import { expect, test } from 'vitest'
import { isRoomy } from './temporary-place.ts'

const gibibyte = 2 ** 30
const roomy = {
  mounts: '/dev/vda / ext4 rw 0 0\ntmpfs /dev/shm tmpfs rw,nosuid,nodev,relatime 0 0\n',
  free: 12 * gibibyte,
  memory: 16 * gibibyte,
}

test('tests write into memory only where all of a run fits, and programs may be started from there', () => {
  expect(isRoomy(roomy)).toBe(true)
  expect(isRoomy({ ...roomy, free: 64 * 2 ** 20 })).toBe(false)
  expect(isRoomy({ ...roomy, memory: 7 * gibibyte })).toBe(false)
  expect(isRoomy({ ...roomy, mounts: roomy.mounts.replace('nosuid', 'noexec') })).toBe(false)
  expect(isRoomy({ ...roomy, mounts: '/dev/vda / ext4 rw 0 0\n' })).toBe(false)
  expect(isRoomy({ ...roomy, mounts: '/dev/vdb /dev/shm ext4 rw 0 0\n' })).toBe(false)
})
