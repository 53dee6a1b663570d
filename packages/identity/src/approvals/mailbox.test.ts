import { expect, test } from 'vitest'
import { mailboxOf } from './mailbox.ts'

test.each([
  ['A.B+c@X.org', 'a.b@x.org'],
  ['ada@example.org', 'ada@example.org'],
  ['a.d.a@example.org', 'a.d.a@example.org'],
  ['ada.lovelace@gmail.com', 'adalovelace@gmail.com'],
  ['Ada.Love.Lace+ops@GoogleMail.com', 'adalovelace@gmail.com'],
  ['a.da@mail.gmail.com', 'a.da@mail.gmail.com'],
])('%s leads to the mailbox %s', (address, mailbox) => {
  expect(mailboxOf(address)).toBe(mailbox)
})
