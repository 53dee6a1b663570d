import { activitySilenceSeconds } from '@gatehouse/contract/workflows'
import type { ActivityInterceptorsFactory } from '@temporalio/worker'

/** A word that is lost on the way must not be taken for a death. */
const wordsInASilence = 5

/**
 * Has each activity say that it lives while it runs, so that Temporal gives the work of a killed worker to another
 * within seconds: without it, it waits as long as the longest such work may take.
 */
export const saysItLives: ActivityInterceptorsFactory = (context) => ({
  inbound: {
    execute: async (input, next) => {
      const saying = setInterval(() => context.heartbeat(), (activitySilenceSeconds * 1000) / wordsInASilence)
      try {
        return await next(input)
      } finally {
        clearInterval(saying)
      }
    },
  },
})
