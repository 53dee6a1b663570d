import { expect, test } from 'vitest'
import { isClearText } from './find-server.ts'

test.each([
  ['https://gatehouse.example.org', false],
  ['http://127.0.0.1:7000', false],
  ['http://127.9.8.7', false],
  ['http://[::1]:7000', false],
  ['http://localhost:7000', false],
  ['http://gatehouse.localhost', false],
  ['http://gatehouse.example.org', true],
  // names that begin as an address of this machine, and lead anywhere
  ['http://127.0.0.1.example.org', true],
  ['http://127.example.org', true],
])('what goes to %s can be read on the way: %s', (origin, isClear) => {
  expect(isClearText(origin)).toBe(isClear)
})
