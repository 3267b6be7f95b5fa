import { useState } from "preact/hooks";

/** Copies a link that opens this page with this selector, for whoever has the extension. */
export function CopyLink({ link }: { readonly link: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(link);
    setCopied(true);
  };
  return (
    <button type="button" title={link} onClick={() => void copy()}>
      {isCopied ? "Copied" : "Copy link"}
    </button>
  );
}
