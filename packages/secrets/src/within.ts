import { Refusal } from '@gatehouse/contract'

/** The result, or a refusal once the time is over; the work itself goes on, so it must be harmless to do it twice. */
export async function within<T>(seconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Refusal('unavailable', { hint: `the backend did not answer in time` })),
      seconds * 1000,
    )
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
