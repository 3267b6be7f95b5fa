import type { ComponentChildren, RefObject } from "preact";

interface ScrollProps {
  readonly label: string;
  readonly class: string;
  readonly children: ComponentChildren;
  readonly place?: RefObject<HTMLElement | null>;
  readonly onScroll?: (event: { currentTarget: HTMLElement }) => void;
}

/** Something that may scroll, and can be reached and scrolled by keyboard in every browser. */
export function Scroll({ label, children, place, ...rest }: ScrollProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1)
    <section tabIndex={0} aria-label={label} {...(place === undefined ? {} : { ref: place })} {...rest}>
      {children}
    </section>
  );
}
