import type { Headers, WorkflowInterceptors } from '@temporalio/workflow'

/** As the client names it; nothing else of a request is known in here, and what it says is sealed. */
const requestHeader = 'gatehouse-request'

const ofRequest = (headers: Headers): Headers => {
  const header = headers[requestHeader]
  return header === undefined ? {} : { [requestHeader]: header }
}

/**
 * Hands the request that a workflow was started for on to its activities, and one that woke it to the next activity
 * alone: what is done later is not done for it.
 */
export function interceptors(): WorkflowInterceptors {
  let startedFor: Headers = {}
  let wokenFor: Headers = {}
  return {
    inbound: [
      {
        execute: (input, next) => {
          startedFor = ofRequest(input.headers)
          return next(input)
        },
        handleSignal: (input, next) => {
          wokenFor = ofRequest(input.headers)
          return next(input)
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => {
          const headers = { ...input.headers, ...startedFor, ...wokenFor }
          wokenFor = {}
          return next({ ...input, headers })
        },
        continueAsNew: (input, next) => next({ ...input, headers: { ...input.headers, ...startedFor } }),
      },
    ],
  }
}
