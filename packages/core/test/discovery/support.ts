import assert from "node:assert/strict";
import { type Discovery, discover, type FoundService } from "@perch/core";

/** What is found in a repository of these files. */
export function discovered(files: Record<string, string | object>, origin?: string): Discovery {
  const found = Object.entries(files).map(([path, content]) => ({
    path,
    text: typeof content === "string" ? content : JSON.stringify(content),
  }));
  return discover(found, { folderName: "shop", origin: origin ?? "git@github.com:acme/shop.git" });
}

export function serviceNamed({ services }: Discovery, name: string): FoundService {
  const found = services.find((service) => service.name === name);
  assert.ok(found, `no service ${name} among ${services.map((service) => service.name).join(", ")}`);
  return found;
}
