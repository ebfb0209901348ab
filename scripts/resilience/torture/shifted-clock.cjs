// Preloaded into a service (NODE_OPTIONS=--require): its clock is as wrong as CLOCK_SHIFT_MS says, the machine's is left alone.
const shift = Number(process.env.CLOCK_SHIFT_MS);
const RealDate = Date;
globalThis.Date = class ShiftedDate extends RealDate {
  constructor(...args) {
    super(...(args.length === 0 ? [RealDate.now() + shift] : args));
  }

  static now() {
    return RealDate.now() + shift;
  }
};
