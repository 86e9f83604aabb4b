export default {
  input: "openapi.json",
  output: "hey-api",
  plugins: [
    "@hey-api/client-fetch",
    // PostgreSQL writes times with their offset.
    { name: "zod", dates: { offset: true } },
    { name: "@hey-api/sdk", validator: true },
  ],
};
