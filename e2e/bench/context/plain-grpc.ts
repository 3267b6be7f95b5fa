import {
  InterceptingCall,
  type Interceptor,
  ServerInterceptingCall,
  type ServerInterceptor,
} from "@grpc/grpc-js";

/** In place of the client's interceptor: one that passes calls on. */
export function canaryClientInterceptor(): Interceptor {
  return (options, next) => new InterceptingCall(next(options));
}

/** In place of the server's interceptor: one that passes calls on. */
export function canaryServerInterceptor(): ServerInterceptor {
  return (_method, call) => new ServerInterceptingCall(call);
}
