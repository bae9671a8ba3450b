/** The longest sequence that the released NaFlex models were trained on; they interpolate well and extrapolate badly. */
export const LONGEST_TRAINED = 1024;
