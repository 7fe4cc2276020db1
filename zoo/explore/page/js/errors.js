/** Returns a function of a number's place in a row: the unit in which its errors are measured. */
export function unitOf({ scale }) {
  return (place) => (scale ? scale.deviation[place % scale.deviation.length] : 1);
}

/** Returns the squared errors of a row, in units; 0 where the true number is missing. */
export function squaredErrors(row, truth, facts) {
  const unit = unitOf(facts);
  return Float32Array.from(truth, (value, place) =>
    Number.isNaN(value) ? 0 : ((row[place] - value) / unit(place)) ** 2,
  );
}

/** Returns the mean of numbers. */
export function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
