/** The least and the greatest of values that compare with `<`. */
export class Bounds<T extends number | bigint> {
  min: T | undefined;
  max: T | undefined;

  addAll(values: ArrayLike<T>): void {
    let min = this.min;
    let max = this.max;
    for (let index = 0; index < values.length; index++) {
      const value = values[index]!;
      if (min === undefined || value < min) min = value;
      if (max === undefined || value > max) max = value;
    }
    this.min = min;
    this.max = max;
  }

  add({ min, max }: Bounds<T>): void {
    if (min !== undefined && max !== undefined) this.addAll([min, max]);
  }
}
