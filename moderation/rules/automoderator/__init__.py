"""Reddit AutoModerator's rules translated into ours; what cannot be is listed."""
