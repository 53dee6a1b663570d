import { Refusal, type Wire } from '@gatehouse/contract'
import { Fault } from '@gatehouse/enforcement'
import type { RequestContext, Runner } from '../transports/run.ts'
import { dataAnswer, errorAnswer, failedAnswer } from './answers.ts'
import { early } from './early.ts'
import { readFields } from './request.ts'

/**
 * Answers `vault-ssh-helper`, a program of PAM on a host: it has no token and sends the one-time password alone. It
 * compares account, address and role with its own itself, and takes nothing of an answer that is an error.
 */
export async function sshVerifyAnswer(asked: {
  readonly runner: Runner
  readonly context: RequestContext
}): Promise<Response> {
  const { runner, context } = asked
  try {
    const { otp } = await early(asked, () => readFields(context))
    // encoded by the operation's own output
    const answer = (await runner.call(context, 'sshOtp.verify', { otp })) as Wire<'sshOtp.verify'>
    const { message, ip, username, role } = answer
    const data = message === null ? { ip, username, role_name: role } : { message }
    return dataAnswer({ requestId: context.requestId, data })
  } catch (error) {
    // Vault's own words for it
    if (error instanceof Refusal && error.code === 'invalid-credentials') return errorAnswer(400, 'OTP not found')
    if (error instanceof Refusal || error instanceof Fault) return failedAnswer(error)
    throw error
  }
}
