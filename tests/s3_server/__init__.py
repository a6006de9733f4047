"""The S3 servers that tests run on: Swift, or SeaweedFS as compose.yaml starts it."""
