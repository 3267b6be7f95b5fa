interface ChoiceProps<Value extends string | number> {
  /** What is chosen, for who cannot see it. */
  readonly label: string;
  readonly values: readonly Value[];
  readonly words: (value: Value) => string;
  readonly chosen: Value;
  readonly onChoose: (value: Value) => void;
}

/** One of a few. */
export function Choice<Value extends string | number>(props: ChoiceProps<Value>) {
  const { label, values, words, chosen, onChoose } = props;
  return (
    <fieldset class="choice">
      <legend class="hidden">{label}</legend>
      {values.map((value) => (
        <label key={value}>
          <input type="radio" name={label} checked={value === chosen} onChange={() => onChoose(value)} />
          {words(value)}
        </label>
      ))}
    </fieldset>
  );
}
