"""The server: the application, its transport, the storage behind signed URLs, and the controls."""
