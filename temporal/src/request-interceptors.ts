import type { Sealer } from '@gatehouse/enforcement'
import { asRequest, beginRequest, type Sampler } from '@gatehouse/kit/tracing'
import type { WorkflowClientInterceptor } from '@temporalio/client'
import type { ActivityInterceptorsFactory } from '@temporalio/worker'
import { broughtRequest, requestHeaders } from './request-header.ts'

/** Has each workflow that is started or woken know for which request. */
export const sendsRequest = (sealer: Sealer): WorkflowClientInterceptor => ({
  start: async (input, next) => next({ ...input, headers: { ...input.headers, ...(await requestHeaders(sealer)) } }),
  signal: async (input, next) => next({ ...input, headers: { ...input.headers, ...(await requestHeaders(sealer)) } }),
})

export interface ReceivesRequestDeps {
  readonly sealer: Sealer
  readonly sampler: Sampler
  readonly newRequestId: () => string
}

/** Runs each activity as the request that its workflow was started or woken for, or as one of its own. */
export const receivesRequest =
  ({ sealer, sampler, newRequestId }: ReceivesRequestDeps): ActivityInterceptorsFactory =>
  ({ info }) => ({
    inbound: {
      execute: async (input, next) => {
        const brought = await broughtRequest(sealer, input.headers)
        const parent = brought?.trace ?? null
        const requestId = brought?.requestId ?? newRequestId()
        const request = beginRequest(sampler, { requestId, parent, trusted: true }) // it was sealed by one of ours
        const attributes = { 'gatehouse.workflow': info.workflowType ?? '', 'gatehouse.attempt': info.attempt }
        return asRequest(
          { request, parentId: parent?.spanId ?? null },
          {
            name: info.activityType,
            kind: 'consumer',
            attributes: { ...attributes, 'gatehouse.request_id': requestId },
          },
          () => next(input),
        )
      },
    },
  })
