import { expect, test } from 'vitest'
import { passwordProblem } from './password-rules.ts'

test('eight characters are enough, of whatever kind', () => {
  expect(passwordProblem('tälgohle', 'ada')).toBeNull()
  expect(passwordProblem('correct horse battery staple', 'ada')).toBeNull()
  expect(passwordProblem('\u{1f984}'.repeat(8), 'ada')).toBeNull()
})

test('a short one, a very long one, the user name in any spelling and a common one are refused with what would be right', () => {
  expect(passwordProblem('sieben7', 'ada')).toContain('at least 8')
  expect(passwordProblem('\u{1f984}'.repeat(7), 'ada')).toContain('at least 8')
  expect(passwordProblem('a'.repeat(257), 'ada')).toContain('at most 256')
  expect(passwordProblem('Ada-Lovelace', 'ada-lovelace')).toContain('user name')
  expect(passwordProblem('PassW0rd', 'ada')).toContain('common')
  expect(passwordProblem('ｐａｓｓｗｏｒｄ', 'ada')).toContain('common')
})
