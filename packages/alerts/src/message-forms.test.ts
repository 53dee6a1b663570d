import { expect, test } from 'vitest'
import { mailForm, slackForm, webhookSignature } from './message-forms.ts'
import { testMessage } from './message.ts'

const message = testMessage({ id: 'message', now: new Date(0), url: 'https://gatehouse.test/alerts' })

test('a webhook is signed as the specification of Standard Webhooks shows', () => {
  const vector = {
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    seconds: 1614265330,
    body: '{"test": 2432232314}',
  }
  expect(webhookSignature(vector)).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
  expect(webhookSignature({ ...vector, secret: vector.secret.slice('whsec_'.length) })).toBe(webhookSignature(vector))
  expect(webhookSignature({ ...vector, body: '{"test":2432232314}' })).not.toBe(webhookSignature(vector))
})

test('facts are said in words, and lengths of time with their unit', () => {
  const facts = [
    { name: 'failures', value: '5' },
    { name: 'windowSeconds', value: '300' },
    { name: 'withinMinutes', value: '90' },
    { name: 'lastError', value: 'no answer' },
  ]
  const said = ['failures: 5', 'window: 5 min', 'within: 1 h 30 min', 'last error: no answer']
  expect(mailForm({ ...message, facts }).text).toContain(said.map((line) => `  ${line}`).join('\n'))
  const { text } = JSON.parse(slackForm({ ...message, facts }).body) as { text: string }
  expect(text).toContain(said.map((line) => `• ${line}`).join('\n'))
})

test('nothing in an alert is a mention, a link or a format of Slack', () => {
  const about = { type: 'User', id: 'x', name: '<!channel> *all* & <https://evil.example|here>' }
  const { text } = JSON.parse(slackForm({ ...message, about }).body) as { text: string }
  expect(text).not.toMatch(/<!|<https:\/\/evil/)
  expect(text).toContain('&lt;!channel&gt;')
  expect(text).not.toContain('*all*')
})
