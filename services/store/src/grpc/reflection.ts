import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { loadSync } from "@grpc/proto-loader";
import { ReflectionService } from "@grpc/reflection";
import { protoPath as healthProto } from "grpc-health-check";

/** Lets grpcurl and the like find out what the server offers, https://github.com/grpc/grpc/blob/master/doc/server-reflection.md. */
export function createReflection(): ReflectionService {
  const proto = fileURLToPath(import.meta.resolve("@shop/proto/store/v1/store.proto"));
  const root = dirname(dirname(dirname(proto)));
  return new ReflectionService({
    ...loadSync(proto, { includeDirs: [root], keepCase: true }),
    ...loadSync(healthProto, { keepCase: true }),
  });
}
