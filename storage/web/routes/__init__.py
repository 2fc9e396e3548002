"""The pages: each module has the routes of one room, as `routes(desk)`."""
