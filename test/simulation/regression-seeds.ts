/** Seeds that once broke a rule of the engine, and what was wrong. They are run first, every time. */
export const regressionSeeds: readonly { readonly seed: number; readonly was: string }[] = [
  { seed: 33, was: 'a host whose clock was ahead of the store could not claim what it had found due, and failed the session' },
  { seed: 232, was: 'a lease that was found lost between two beats left its timer behind' },
  { seed: 351, was: '`each` batches ran again for the sake of an overlap that they never see' },
  { seed: 501, was: 'a resume cut the last recorded chunk again when the source failed in the same breath' },
  { seed: 1436, was: 'a request that came after the end of its session was told as an event, under a number of another one' },
  { seed: 1772, was: 'a host claimed under its new owner for a session that it had let go of: the batch was forgotten' },
  { seed: 7115, was: 'a start whose answer was lost began a session anew that its host had taken on meanwhile' },
  { seed: 9363, was: 'a batch that was claimed while due batches were looked up was queued a second time' },
  { seed: 9510, was: 'outputs of a batch that ran again were missing in the combined result' },
  { seed: 12606, was: 'a start whose answer was lost began a session anew that was finalizing already' },
  { seed: 12849, was: 'outputs of a batch that ran again were missing in the combined result' },
  { seed: 15839, was: '`each` batches were taken apart for items of an overlap that they never see, over and over' },
  { seed: 17947, was: 'an answer that came after the end of its group was taken for that of a later claim' },
  { seed: 10827, was: 'a session that its host had taken on anew was forgotten there when the old one was over' },
  { seed: 38064, was: 'a source that failed when it was read again for a neighbour was not named as what failed' },
];
